import { Command } from 'commander';
import { test } from './commands/test.js';

const program = new Command('peftgrid').description(
  'Ablation grids of parameter-efficient fine-tuning, from the grid file to the table',
);

program
  .command('test')
  .description('install what the tests need and run all of them')
  .argument('[paths...]', 'test files')
  .action(test);

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`peftgrid: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
