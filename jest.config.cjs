// Nest 12 and a few of its dependencies are ESM: they are transformed too, or require() of them fails inside Jest on Node 20.
const typescript = {
  swcrc: false,
  sourceMaps: 'inline',
  module: { type: 'commonjs' },
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
};
const javascript = {
  swcrc: false,
  module: { type: 'commonjs' },
  jsc: { target: 'es2022', parser: { syntax: 'ecmascript' } },
};

module.exports = {
  rootDir: __dirname,
  testEnvironment: 'node',
  testTimeout: 30_000, // a guard against hanging, not a measure: machines are busy at times
  workerGracefulExitTimeout: 20_000, // a process that has only just started takes a while to end
  reporters: ['default', '<rootDir>/test/reporter.cjs'],
  globalSetup: '<rootDir>/test/support/build.cjs',
  testMatch: ['<rootDir>/{apps,libs,test,bench}/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  moduleNameMapper: {
    '^#([^/]+)/(.+)\\.js$': '<rootDir>/libs/$1/src/$2.ts',
    '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1'], // TypeScript sources name the file they compile to
  },
  transform: { '^.+\\.ts$': ['@swc/jest', typescript], '^.+\\.m?js$': ['@swc/jest', javascript] },
  transformIgnorePatterns: [
    '/node_modules/(?!(@nestjs|file-type|strtok3|token-types|uint8array-extras|@tokenizer|@borewit|load-esm|@huggingface/tokenizers|hyparquet|hyparquet-writer)/)',
  ],
};
