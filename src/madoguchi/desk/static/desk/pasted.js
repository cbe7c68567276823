// What is pasted from a page, Word or a spreadsheet, as Markdown: headings, lists, links, tables and what stands out.
// The markup is read in a document that shows and fetches nothing.

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

function blocks(parent) {
  let words = "";
  let line = "";
  const flush = () => {
    if (line.trim()) words += `\n\n${line.trim()}`;
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
  if (name === "pre") return `\n\n\`\`\`\n${node.textContent.trim()}\n\`\`\``;
  if (name === "hr") return "\n\n---";
  if (/mso-list:(?!\s*none)/i.test(styleOf(node))) return item(node);
  return blocks(node).replace(/^(?!\n)/, "\n\n");
}

// A list of Word's is a row of paragraphs that bear their own sign.
function item(node) {
  const sign = [...node.querySelectorAll("[data-style]")].find((one) => /mso-list:\s*ignore/i.test(styleOf(one)));
  const numbered = /^\s*\(?\d+[.)]/.test(sign?.textContent ?? "");
  sign?.remove();
  const level = Number(/level(\d)/.exec(styleOf(node))?.[1] ?? 1);
  const before = /mso-list/i.test(styleOf(node.previousElementSibling ?? node.ownerDocument.body)) ? "\n" : "\n\n";
  return `${before}${"   ".repeat(level - 1)}${numbered ? "1." : "-"} ${plain(node)}`;
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
  const rows = [...node.querySelectorAll("tr")].map((row) => [...row.cells].map((cell) => plain(cell).replace(/\|/g, "\\|")));
  const width = Math.max(0, ...rows.map((row) => row.length));
  const kept = rows.filter((row) => row.some(Boolean)).map((row) => [...row, ...Array(width - row.length).fill("")]);
  // One cell is no table, and one column is lines.
  if (width < 2) return kept.map(([cell]) => cell).join("\n");
  const [head, ...rest] = kept.map((row) => `| ${row.join(" | ")} |`);
  return head ? [head, `|${" --- |".repeat(width)}`, ...rest].join("\n") : "";
}

const plain = (node) => flat([...node.childNodes].map(inline).join("").replace(/\n/g, " ")).trim();

function inline(node) {
  if (node.nodeType === 3) return flat(node.data);
  if (node.nodeType !== 1 || node.localName === "img") return "";
  if (node.localName === "br") return "\n";
  const words = [...node.childNodes].map(inline).join("");
  if (node.localName === "a") return linked(node, words);
  if (node.localName === "code" && words.trim()) return `\`${words.trim()}\``;
  const named = node.matches("b,strong") && !LIGHT.test(styleOf(node));
  if (named || HEAVY.test(styleOf(node))) return marked(words, "**");
  if (node.matches("s,del,strike")) return marked(words, "~~");
  return words;
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
  return `[${said.replace(/[[\]]/g, "")}](${fit})`;
}
