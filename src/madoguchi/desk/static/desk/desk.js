// The console's own behaviour: opening cases beside the list, acts, news as they happen, keys of two letters.
// Every part works as a plain page without it.
import "./parts.js";
import "./keep.js";
import "./judged.js";
import "./tasks.js";
import "./open.js";
import "./acts.js";
import "./waits.js";
import "./height.js";
import "./news.js";
import "./together.js";
import "./go.js";
import "./undo.js";
import "./mention.js";
import "./asking.js";
import "./missing.js";
import "./ticks.js";
import "./suggested.js";
import "./bell.js";
import "./player.js";
import "./presence.js";
