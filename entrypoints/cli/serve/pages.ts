import { createHash } from 'node:crypto';
import { escapeHtml } from '../command-line.ts';

const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --text: #1f1f1f; --quiet: #57606a; --line: #d0d7de; --action: #175cd3; }
@media (prefers-color-scheme: dark) { :root { --ground: #1f1f1f; --text: #f0f0f0; --quiet: #9ba4ae; --line: #444c56; --action: #84adff; } }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 560px; margin: 0 auto; padding: 24px; }
h1 { font-size: 1.5rem; font-weight: 600; line-height: 1.25; }
form { display: grid; gap: 16px; justify-items: start; }
label { display: grid; gap: 8px; justify-self: stretch; }
input { box-sizing: border-box; inline-size: 100%; padding: 40px 16px; border: 2px dashed var(--line); border-radius: 8px; font: inherit; color: inherit; }
button { padding: 8px 16px; border: 1px solid var(--action); border-radius: 8px; background: none; color: var(--action); font: inherit; cursor: pointer; }
:focus-visible { outline: 2px solid var(--action); outline-offset: 2px; }
.quiet { color: var(--quiet); } a { color: var(--action); }`;

/** For answers with a page of this file. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** Where a person drops a video. It needs no script: the browser sends the form, and shows the report. */
export function dropPage(): string {
  return page(
    'Check a video',
    `<form method="post" action="/predict" enctype="multipart/form-data">
<label>Choose a video, or drop it here
<input type="file" name="file" accept="video/*,.avi,.mkv,.wmv,.flv" required></label>
<button type="submit">Check</button>
</form>
<p class="quiet">The video goes to this server alone, which deletes it after the check. It takes some seconds to minutes.</p>`,
  );
}

export function errorPage(code: string, message: string): string {
  return page(
    'The video was not checked',
    `<p>${escapeHtml(message)} (${escapeHtml(code)})</p>\n<p><a href="/">Back</a></p>`,
  );
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>TrueFrame: ${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
}
