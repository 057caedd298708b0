// Fails if what the first load needs is larger than the budget, gzip-compressed: node scripts/size.mjs
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = 300_000; // bytes
const PAGE = new URL('../../recsys/web/page/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('manifest.json', PAGE), 'utf8'));

const files = new Set(['index.html']);
const pending = ['index.html'];
const seen = new Set();
while (pending.length > 0) {
  const name = pending.pop();
  if (seen.has(name)) continue;
  seen.add(name);
  const chunk = manifest[name];
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  pending.push(...(chunk.imports ?? []));
  // the view that opens first is loaded at once as well
  if (name === 'index.html') pending.push(...(chunk.dynamicImports ?? []).filter((each) => each.includes('/library/')));
}
const sizes = [...files].map((file) => [file, gzipSync(readFileSync(new URL(file, PAGE)), { level: 9 }).length]);
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
for (const [file, size] of sizes) console.log(`${String(size).padStart(8)}  ${file}`);
console.log(`${String(total).padStart(8)}  first load, gzip; the budget is ${BUDGET}`);
if (total > BUDGET) process.exit(1);
