// What is pasted from a page, Word or a spreadsheet, as Markdown: headings, lists, links, tables and what stands out.
// The markup is read in a document that shows and fetches nothing. Signs that Markdown would read are escaped, so that the
// words stay as they were.

const WEB = /^(https?|mailto|tel):/i;
const BLOCK = "p,div,section,article,header,footer,main,h1,h2,h3,h4,h5,h6,ul,ol,li,table,blockquote,pre,hr,dl,dt,dd,figure";
const HEAVY = /font-weight:\s*(bold|[6-9]00)/i;
const LIGHT = /font-weight:\s*(normal|[1-5]00)/i;

// → {words, pictures}: how many pictures there were, which do not come along.
export function markdownOf(html) {
  const page = new DOMParser().parseFromString(tame(html), "text/html");
  page.querySelectorAll("script,style,template,head,title,meta,link,noscript").forEach((one) => one.remove());
  const pictures = page.querySelectorAll("img").length;
  const words = blocks(page.body)
    .replace(/[ \t]+\n/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
  return { words, pictures };
}

// Styles are read and never applied, so the page's policy has nothing to refuse; comments are Word's own.
const tame = (html) => html.replace(/<!--[\s\S]*?-->|<style[\s>][\s\S]*?<\/style>/gi, "").replace(/\sstyle\s*=/gi, " data-style=");

const styleOf = (node) => node.dataset?.style ?? "";
const isBlock = (node) => node.nodeType === 1 && node.matches(BLOCK);
const flat = (text) => text.replace(/[\s\u00a0]+/g, " ");
const MOST_JOINED = 50;
// By what an item of a list begins where nothing else says that it is one.
const SIGN = /^(?:\\?[*·•●○■□◆◇▪▫‣➢✓・§–-]|(\(?\d{1,3}[.)．）]|[①-⑳]))\s*/;

// What means something anywhere, and what does at the begin of a line alone. A _ within a word is one.
const escaped = (text) =>
  text.replace(/[\\`*<|]|~(?=~)|(?<=~)~|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|\[(?=[^\]]*\]\()|&(?=#?\w+;)/gu, "\\$&");
const begun = (words) => words.replace(/^( *)(?=#{1,6}(?:\s|$)|>|\+\s|[-=]+ *$)/gm, "$1\\");

function blocks(parent) {
  let words = "";
  let line = "";
  const flush = () => {
    if (line.trim()) words += `\n\n${begun(line.trim())}`;
    line = "";
  };
  for (const node of parent.childNodes) {
    if (isBlock(node) || (node.nodeType === 1 && node.querySelector(BLOCK))) {
      flush();
      words += block(node);
    } else {
      line += inline(node);
    }
  }
  flush();
  return words;
}

function block(node) {
  const name = node.localName;
  if (/^h[1-6]$/.test(name)) return `\n\n${"#".repeat(Math.max(2, Number(name[1])))} ${plain(node)}`;
  if (name === "ul" || name === "ol") return `\n\n${list(node)}`;
  if (name === "table") return `\n\n${table(node)}`;
  if (name === "blockquote") return `\n\n${blocks(node).trim().replace(/^/gm, "> ").replace(/ +$/gm, "")}`;
  if (name === "pre") return `\n\n${fenced(node.textContent.trim())}`;
  if (name === "hr") return "\n\n---";
  if (isItem(node)) return item(node);
  return blocks(node).replace(/^(?!\n)/, "\n\n");
}

function fenced(text) {
  const fence = "`".repeat(Math.max(3, longest(text) + 1));
  return `${fence}\n${text}\n${fence}`;
}

// How many backticks stand side by side.
const longest = (text) => Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));

// A list of Word's is a row of paragraphs that bear their own sign, and some bear no style of lists.
const isStyled = (node) => /mso-list:(?!\s*none)/i.test(styleOf(node));
const isItem = (node) => node?.localName === "p" && (isStyled(node) || /\bMsoListParagraph/.test(node.className));

function item(node) {
  const sign = [...node.querySelectorAll("[data-style]")].find((one) => /mso-list:\s*ignore/i.test(styleOf(one)));
  const borne = `${flat(sign?.textContent ?? "").trim()} `;
  sign?.remove();
  let words = plain(node);
  const found = SIGN.exec(sign ? borne : words);
  if (!sign && found) words = words.slice(found[0].length);
  const level = Number(/level(\d)/.exec(styleOf(node))?.[1] ?? 1);
  const before = isItem(node.previousElementSibling) ? "\n" : "\n\n";
  return `${before}${"   ".repeat(level - 1)}${found?.[1] ? "1." : "-"} ${begun(words)}`;
}

function list(node) {
  const start = Number(node.getAttribute("start")) || 1;
  return [...node.children]
    .filter((one) => one.localName === "li" || one.matches("ul,ol"))
    .map((one, n) => {
      const sign = node.localName === "ol" ? `${start + n}. ` : "- ";
      if (one.localName !== "li") return list(one).replace(/^/gm, "   ");
      const within = blocks(one).trim().replace(/\n{2,}(?=\s*(?:[-*]|\d+\.) )/g, "\n");
      return sign + within.replace(/\n(?=.)/g, `\n${" ".repeat(sign.length)}`);
    })
    .join("\n");
}

function table(node) {
  const rows = inPlace(node);
  const width = Math.max(0, ...rows.map((row) => row.length));
  const kept = rows.filter((row) => row.some(Boolean)).map((row) => Array.from({ length: width }, (_, at) => row[at] ?? ""));
  // One cell is no table, and one column is lines.
  if (width < 2) return kept.map(([cell]) => begun(cell)).join("\n");
  const [head, ...rest] = kept.map((row) => `| ${row.join(" | ")} |`);
  return head ? [head, `|${" --- |".repeat(width)}`, ...rest].join("\n") : "";
}

// Each cell in its own column: of those that are joined the first has the words, and the others are empty.
function inPlace(node) {
  const rows = [...node.rows].map(() => []);
  [...node.rows].forEach((row, down) => {
    let at = 0;
    for (const cell of row.cells) {
      while (rows[down][at] !== undefined) at += 1;
      const wide = Math.min(cell.colSpan, MOST_JOINED);
      const deep = Math.min(cell.rowSpan || rows.length, rows.length - down);
      for (let y = down; y < down + deep; y += 1) for (let x = at; x < at + wide; x += 1) rows[y][x] = "";
      rows[down][at] = plain(cell).replace(/(?<!\\)\|/g, "\\|");
    }
  });
  return rows;
}

const plain = (node) => flat([...node.childNodes].map(inline).join("").replace(/\n/g, " ")).trim();

function inline(node) {
  if (node.nodeType === 3) return escaped(flat(node.data));
  if (node.nodeType !== 1 || node.localName === "img") return "";
  if (node.localName === "br") return "\n";
  if (node.localName === "code" && node.textContent.trim()) return coded(flat(node.textContent).trim());
  const words = [...node.childNodes].map(inline).join("");
  if (node.localName === "a") return linked(node, words);
  const named = node.matches("b,strong") && !LIGHT.test(styleOf(node));
  if (named || HEAVY.test(styleOf(node))) return marked(words, "**");
  if (node.matches("s,del,strike")) return marked(words, "~~");
  return words;
}

// Within code no sign is escaped: as many backticks stand around it as it takes.
function coded(text) {
  const around = "`".repeat(longest(text) + 1);
  const apart = /^`|`$/.test(text) ? " " : "";
  return around + apart + text + apart + around;
}

// The signs stand at the words, not at the spaces around them, and once.
function marked(words, sign) {
  const [, before, inner, behind] = /^(\s*)([\s\S]*?)(\s*)$/.exec(words);
  if (!inner || inner.includes(sign) || inner.includes("\n")) return words;
  return `${before}${sign}${inner}${sign}${behind}`;
}

function linked(node, words) {
  const address = node.getAttribute("href") ?? "";
  const said = flat(words).trim();
  if (!WEB.test(address) || !said) return words;
  const fit = address.replace(/[\s()<>]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `[${said.replace(/\\?[[\]]/g, "")}](${fit})`;
}
