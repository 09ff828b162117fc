import { defineConfig } from 'prisma/config';

// These commands need no schema engine, only a file where it would be; without one they try to download it.
// Commands that do need the engine must fail loudly, so it is set for no others: migrations are plain SQL,
// applied by libs/db/src/migrate.ts.
if (/^(generate|validate|format|version|-v|--version)$/.test(process.argv[2] ?? '')) {
  process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= `${process.cwd()}/prisma.config.ts`;
}

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? '' },
});
