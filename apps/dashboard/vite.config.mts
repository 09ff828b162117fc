import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const libs = resolve(import.meta.dirname, '..', '..', 'libs');
const api = process.env['PEFTGRID_API'] ?? 'http://127.0.0.1:7420'; // that `vite apps/dashboard` passes requests on to

export default defineConfig({
  plugins: [react()],
  // package.json's imports name what the build made; the browser is given the sources.
  resolve: {
    alias: [
      { find: /^#(contracts|analysis)\/(.+)\.js$/, replacement: `${libs}/$1/src/$2.ts` },
      { find: 'csv-stringify/sync', replacement: 'csv-stringify/browser/esm/sync' }, // else it asks for Buffer
      {
        find: '@stdlib/assert-has-generator-support',
        replacement: resolve(import.meta.dirname, 'src', 'has-generators.cjs'),
      },
    ],
  },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 1000 },
  // The API answers its own pages only: requests of the page that vite serves come as if they were.
  server: { proxy: { '/api': { target: api, changeOrigin: true, headers: { origin: api } } } },
});
