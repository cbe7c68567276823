// The console and administration load this one entry. Other modules import the small files, never this one.
import "./http.js";
import "./theme.js";
import "./dialog.js";
import "./menu.js";
import "./toast.js";
import "./keys.js";
import "./palette.js";
import "./list.js";
import "./filter.js";
import "./compose.js";
import "./insert.js";
import "./upload.js";
import "./once.js";
import "./refused.js";
import "./copy.js";
import "./live.js";
import "./refresh.js";
