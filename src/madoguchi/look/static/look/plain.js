// Sign-in, errors and the customers' pages: little is needed, and nothing depends on it.
import "./theme.js";
import "./dialog.js";
import "./menu.js";
import "./toast.js";
import "./once.js";
