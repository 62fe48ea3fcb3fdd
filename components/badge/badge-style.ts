/**
 * The badge's and the chooser's whole style, as text for a constructed stylesheet: neither the page's CSP nor its own
 * styles reach into the shadow root. `!important` on the host is what keeps the page's rules for `*` or `div` off it.
 */
export const BADGE_STYLE = `
:host {
  all: initial !important;
  position: fixed !important;
  inset: 0 auto auto 0 !important;
  width: 0 !important;
  height: 0 !important;
  overflow: visible !important;
  z-index: 2147483647 !important;
  pointer-events: none !important;
  color-scheme: dark !important;
  zoom: var(--unzoom, 1) !important;
}
:host::backdrop { display: none !important; }
* { box-sizing: border-box; margin: 0; }
/* A transform moves it to its video, counted from the left in every language. */
.place {
  position: fixed; left: 0; top: 0; width: max-content; visibility: hidden;
  font: 500 13px/1.4 system-ui, sans-serif; color: #fff; text-align: start;
}
.place.is-shown { visibility: visible; }
.glass {
  pointer-events: auto; color: #fff; background-color: rgb(0 0 0 / 0.72);
  backdrop-filter: blur(14px); -webkit-backdrop-filter: blur(14px);
  box-shadow: 0 0 0 1px rgb(255 255 255 / 0.14), 0 2px 10px rgb(0 0 0 / 0.28);
}
.pill.is-demo {
  background-image: repeating-linear-gradient(-45deg, rgb(182 146 246 / 0.26) 0 1.5px, transparent 1.5px 8px);
}
.card.is-demo { padding-top: 20px; }
.card.is-demo::before {
  content: ''; position: absolute; inset: 0 0 auto 0; height: 8px; border-radius: 14px 14px 0 0;
  background: repeating-linear-gradient(-45deg, #b692f6 0 3px, rgb(0 0 0 / 0.5) 3px 8px);
}
button {
  all: unset; box-sizing: border-box; cursor: pointer; color: inherit; font: inherit; border-radius: 8px;
  -webkit-tap-highlight-color: transparent;
}
button:focus-visible { outline: 2px solid #84adff; outline-offset: 2px; }
button:disabled { cursor: default; }
.status {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}

.pill { display: flex; align-items: center; height: 28px; border-radius: 14px; }
.pill button { border-radius: 14px; }
/* The mark stays in its corner when the words come, on the side away from it. */
.pill:dir(rtl), .pill:dir(rtl) .open { flex-direction: row-reverse; }
.pill .open { display: flex; align-items: center; height: 28px; padding: 0 5px; }
.pill .words, .pill .side {
  display: grid; grid-template-columns: 0fr; opacity: 0; transition: grid-template-columns 0.16s, opacity 0.16s;
}
.pill .words > span { overflow: hidden; white-space: nowrap; min-width: 0; }
.pill .words > span::before { content: ''; display: inline-block; width: 7px; }
.pill .words > span::after { content: ''; display: inline-block; width: 3px; }
.pill .side { overflow: hidden; }
.pill .side button {
  min-width: 0; width: 26px; height: 26px; overflow: hidden; display: grid; place-items: center;
  color: rgb(255 255 255 / 0.78); outline-offset: -3px;
}
.pill .side { grid-template-columns: 0; width: 0; transition: width 0.16s, opacity 0.16s; }
.pill.is-wide .words, .pill:hover .words, .pill:focus-within .words { grid-template-columns: 1fr; opacity: 1; }
.pill.is-working .side, .pill:hover .side, .pill:focus-within .side { width: 27px; opacity: 1; }
.side button:hover { color: #fff; }
.numbers { font-variant-numeric: tabular-nums; }

.card {
  position: relative; width: 320px; max-width: calc(100vw - 16px); max-height: calc(100vh - 16px); overflow: auto;
  overscroll-behavior: contain; border-radius: 14px; padding: 12px 14px 12px; scrollbar-width: thin;
}
.card header { display: flex; align-items: center; gap: 9px; min-height: 24px; }
.card h2 { all: unset; display: block; flex: 1; font-weight: 650; font-size: 15px; }
.card header button { width: 28px; height: 28px; margin-block: -2px; margin-inline: 0 -6px; display: grid; place-items: center;
  color: rgb(255 255 255 / 0.78); }
.card header button:hover { color: #fff; background: rgb(255 255 255 / 0.12); }
.card p { margin-top: 6px; font-weight: 400; color: rgb(255 255 255 / 0.92); }
.card .score { font-weight: 500; color: #fff; }
.card .small { font-size: 12px; color: rgb(255 255 255 / 0.76); }
.card hr { border: 0; border-top: 1px solid rgb(255 255 255 / 0.16); margin: 10px 0 0; }
.progress { height: 4px; border-radius: 2px; background: rgb(255 255 255 / 0.22); margin-top: 10px; overflow: hidden; }
.progress > div { height: 100%; background: #fff; border-radius: 2px; transition: width 0.2s; }
.strip { list-style: none; padding: 0; margin: 10px 0 0; display: grid; grid-template-columns: repeat(6, 1fr); gap: 6px; }
.strip canvas { display: block; width: 100%; aspect-ratio: 1; border-radius: 6px; background: rgb(255 255 255 / 0.1);
  object-fit: cover; }
.strip .bar { display: block; height: 4px; border-radius: 2px; margin-top: 4px; background: rgb(255 255 255 / 0.22);
  overflow: hidden; }
.strip .bar > span { display: block; height: 100%; border-radius: 2px; }
.strip .value { display: block; text-align: center; font-size: 11px; line-height: 1.5; color: rgb(255 255 255 / 0.85); }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 12px; }
.actions:empty { display: none; }
.actions button { padding: 5px 12px; border-radius: 14px; background: rgb(255 255 255 / 0.16); font-weight: 550;
  line-height: 18px; }
.actions button:hover { background: rgb(255 255 255 / 0.26); }

.chooser { position: fixed; inset: 0; pointer-events: auto; background: rgb(0 0 0 / 0.28); cursor: default;
  font: 500 14px/1.4 system-ui, sans-serif; color: #fff; }
.chooser .hint { position: fixed; width: max-content; left: 50%; top: 16px; transform: translateX(-50%); padding: 8px 16px;
  border-radius: 18px; max-width: calc(100vw - 32px); text-align: center; }
.chooser .choice { position: fixed; left: 0; top: 0; border-radius: 6px; display: grid; place-items: center;
  box-shadow: inset 0 0 0 2px rgb(255 255 255 / 0.85), 0 0 0 1px rgb(0 0 0 / 0.5); }
.chooser .choice:hover, .chooser .choice:focus-visible { box-shadow: inset 0 0 0 3px #84adff, 0 0 0 1px rgb(0 0 0 / 0.5);
  background: rgb(0 0 0 / 0.2); outline: none; }
.chooser .choice > span { padding: 6px 14px; border-radius: 16px; display: flex; gap: 8px; align-items: center;
  pointer-events: none; }

@media (prefers-reduced-motion: reduce) {
  * { transition: none !important; }
}
@media (prefers-reduced-transparency: reduce), (prefers-contrast: more) {
  .glass { background-color: #000; }
}
@media (forced-colors: active) {
  .glass, .actions button { border: 1px solid CanvasText; }
}
`;
