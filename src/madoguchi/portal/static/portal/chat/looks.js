// The chat's own style sheet. It is constructed, so a page needs no 'unsafe-inline' for it and its own rules stay outside.
const RULES = `
:host { all: initial; color-scheme: light dark; position: fixed; inset: auto 16px 16px auto; z-index: 2147483000; font: 15px/1.6 "Hiragino Sans", "Noto Sans JP", "Noto Sans CJK JP", "Yu Gothic UI", Meiryo, system-ui, sans-serif;
  --ink: light-dark(oklch(25% .02 255), oklch(93% .008 255)); --muted: light-dark(oklch(46% .018 255), oklch(74% .014 255)); --ground: light-dark(#fff, oklch(22% .013 255)); --sunken: light-dark(oklch(96% .006 255), oklch(27% .014 255));
  --line: light-dark(oklch(88% .006 255), oklch(36% .014 255)); --edge: light-dark(oklch(60% .015 255), oklch(58% .02 255)); --accent: light-dark(oklch(48% .15 var(--hue)), oklch(76% .12 var(--hue))); --on-accent: light-dark(#fff, oklch(18% .03 255)); --mine: light-dark(oklch(94% .03 var(--hue)), oklch(32% .05 var(--hue))); --bad: light-dark(oklch(48% .19 25), oklch(78% .14 25)); color: var(--ink); }
@media print { :host { display: none; } }
* { box-sizing: border-box; font: inherit; color: inherit; }
[hidden] { display: none !important; }
button { cursor: pointer; border: 0; background: none; padding: 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.open { position: relative; display: flex; align-items: center; gap: 8px; min-height: 48px; padding: 0 20px 0 16px; border-radius: 24px; background: var(--accent); color: var(--on-accent); font-weight: 600; box-shadow: 0 2px 10px oklch(0% 0 0 / .3); }
.open svg { width: 22px; height: 22px; fill: currentColor; }
.open .count { min-width: 22px; padding: 0 6px; border-radius: 11px; background: var(--on-accent); color: var(--accent); text-align: center; font-size: 13px; }
.panel { display: flex; flex-direction: column; width: min(384px, calc(100vw - 32px)); height: min(620px, calc(100dvh - 32px)); background: var(--ground); border: 1px solid var(--line); border-radius: 14px; overflow: hidden; box-shadow: 0 12px 32px oklch(0% 0 0 / .3); }
.head { flex: none; display: flex; align-items: center; gap: 8px; padding: 10px 8px 10px 16px; background: var(--accent); color: var(--on-accent); }
h2 { flex: 1; margin: 0; font-size: 16px; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.head button { width: 44px; height: 44px; border-radius: 8px; font-size: 22px; line-height: 1; }
.head button:focus-visible { outline-color: var(--on-accent); outline-offset: -4px; }
.log { flex: 1 0 40%; min-height: 0; overflow-y: auto; padding: 16px; display: flex; flex-direction: column; gap: 10px; overscroll-behavior: contain; }
.log:focus-visible { outline-offset: -3px; }
.under { border-top: 1px solid var(--line); flex: 0 1 auto; min-height: 0; overflow-y: auto; overscroll-behavior: contain; }
.note { margin: 0; color: var(--muted); font-size: 13px; white-space: pre-line; }
.said { max-width: 86%; align-self: flex-start; }
.said.mine { align-self: flex-end; }
.said p { margin: 0; padding: 8px 12px; border-radius: 12px; background: var(--sunken); white-space: pre-wrap; overflow-wrap: anywhere; line-break: strict; }
.said.mine p { background: var(--mine); }
.said a { color: var(--accent); }
.said .file { display: block; margin-top: 4px; overflow-wrap: anywhere; text-align: start; }
.said button.file { padding: 6px 2px; color: var(--accent); text-decoration: underline; }
.attach { position: relative; min-height: 44px; display: flex; align-items: center; padding: 0 4px; color: var(--accent); cursor: pointer; font-size: 13px; }
.attach:focus-within { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.chosen { margin: 0; padding: 0; list-style: none; font-size: 13px; max-height: 96px; overflow-y: auto; }
.chosen li { display: flex; align-items: center; gap: 4px; }
.chosen span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chosen button { width: 32px; height: 32px; border-radius: 8px; }
.said small { display: block; margin: 2px 4px 0; font-size: 12px; color: var(--muted); }
.said.mine small { text-align: right; }
.said ul { display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0 0; padding: 0; list-style: none; }
.said ul button, .person { min-height: 36px; padding: 4px 14px; border: 1px solid var(--accent); border-radius: 18px; color: var(--accent); background: var(--ground); text-align: start; overflow-wrap: anywhere; }
.more { display: flex; flex-wrap: wrap; gap: 8px; justify-content: space-between; align-items: center; margin: 0 12px 8px; }
.carry { min-height: 36px; color: var(--muted); font-size: 13px; text-decoration: underline; text-align: start; }
.person { margin-inline-start: auto; }
.person[aria-disabled=true] { opacity: .6; cursor: default; }
@media (pointer: coarse) { .said ul button, .person, .carry { min-height: 44px; border-radius: 22px; } }
.state { flex: none; white-space: pre-line; min-height: 20px; padding: 0 16px; margin: 0; font-size: 13px; color: var(--muted); }
.wrong { color: var(--bad); padding: 0 16px; margin: 0; font-size: 13px; }
form { border-top: 1px solid var(--line); padding: 10px 12px 12px; display: grid; gap: 8px; }
.who { display: grid; gap: 6px; }
.who label { display: grid; gap: 2px; font-size: 13px; }
.who span { color: var(--muted); }
input, textarea { width: 100%; border: 1px solid var(--edge); border-radius: 8px; background: var(--ground); padding: 8px 10px; font-size: 16px; }
textarea { resize: none; min-height: 64px; max-height: 160px; field-sizing: content; line-height: 1.5; }
.judge fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 12px; font-size: 13px; }
.judge legend { padding: 0; margin-bottom: 4px; font-weight: 600; }
.judge label { display: flex; align-items: center; gap: 4px; min-height: 28px; }
.judge input { width: auto; margin: 0; accent-color: var(--accent); }
.judge textarea { min-height: 44px; }
.row { display: flex; align-items: center; gap: 8px; justify-content: space-between; }
.row small { font-size: 12px; color: var(--muted); }
.send, .attach { flex: none; white-space: nowrap; }
.send { min-height: 44px; padding: 0 18px; border-radius: 8px; background: var(--accent); color: var(--on-accent); font-weight: 600; }
.hush { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 480px) { :host(.opened) { inset: 8px; } .panel { width: 100%; height: 100%; } }
@media (max-height: 600px) { .head { padding-block: 2px; } .who { grid-template-columns: 1fr 1fr; } .who .note { grid-column: 1 / -1; } .row small { display: none; } textarea { min-height: 44px; } form { gap: 4px; padding-block: 6px; } input, textarea { padding-block: 4px; } }
`;

export function dress(root, hue) {
  const [rules, colour] = [new CSSStyleSheet(), new CSSStyleSheet()];
  rules.replaceSync(RULES);
  colour.replaceSync(`:host { --hue: ${Number(hue) || 0}; }`);
  root.adoptedStyleSheets = [rules, colour];
}
