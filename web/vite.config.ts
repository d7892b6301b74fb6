// The page is served under `default-src 'self'; style-src 'self'`: nothing inline, no data: addresses, no polyfill.
import { defineConfig } from 'vite';

export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    target: ['es2022', 'chrome111', 'firefox113', 'safari16.4'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    reportCompressedSize: false,
  },
  server: {
    proxy: { '/api': { target: process.env['JALOUSIE_SERVER'] ?? 'http://127.0.0.1:8080', changeOrigin: true } },
  },
});
