import { defineConfig } from 'vite';

const SERVER = process.env['RECSYS_SERVER'] ?? 'http://127.0.0.1:8765';

export default defineConfig({
  base: './', // every address is relative to <base href>, so that the page works below any path
  build: {
    outDir: '../recsys/web/page',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // the Content-Security-Policy allows no data: addresses
    modulePreload: { polyfill: false },
    license: { fileName: 'licences.md' },
    manifest: 'manifest.json',
  },
  server: { proxy: { '/api': SERVER, '/login': SERVER } },
});
