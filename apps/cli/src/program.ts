import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { apart, isApart } from './apart.js';
import { Failure } from './failure.js';
import { print } from './output.js';
import { version } from './version.js';

/** The whole command line as one table. A command's file is loaded when it is called, so that --help and ls
 *  stay quick. */
export function program(): Command {
  const peftgrid = new Command('peftgrid')
    .enablePositionalOptions() // before any command that passes its options through
    .description('Ablation grids of parameter-efficient fine-tuning, from the grid file to the table')
    .configureHelp({ helpWidth: 110 })
    .option('--version', 'print the version and the commit')
    .on('option:version', () => {
      print(version());
      process.exit();
    })
    .exitOverride((problem) => {
      // it has printed all there is to say
      if (problem.exitCode === 0 || problem.code === 'commander.help') process.exit(problem.exitCode);
      throw new Failure(problem.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' '));
    })
    .configureOutput({ outputError: () => {} }); // said once, by main
  const command = (usage: string, description: string) =>
    peftgrid
      .command(usage)
      .description(description)
      .option('--json', 'one JSON value on stdout')
      .copyInheritedSettings(peftgrid);

  command('demo', 'run a small grid on real text, live, and print its tables')
    .option('--keep', 'leave the server running afterwards')
    .action(async (options) => (await import('./commands/demo.js')).demo(options));
  command('up', 'start Postgres, the API, the dashboard and a worker, until Ctrl-C')
    .option('--port <port>', 'of the API and the dashboard', count(0, 65_535))
    .option('--host <address>', 'to listen on; another than 127.0.0.1 needs PEFTGRID_TOKEN')
    .option('--workers <n>', 'worker processes', count(0, 64), 1)
    .option('--slots <n>', 'trials that one worker trains at a time', count(1, 64), 1)
    .option('--join', 'print a link with which other machines join; the database then listens on --host too')
    .action(async (options) => (await import('./commands/up.js')).up(options));
  command('worker', 'train here what a server has to train, until Ctrl-C')
    .option('--join <link>', 'of the server, as its up or its workers join prints it; - reads it from stdin')
    .option('--slots <n>', 'trials to train at a time', count(1, 64), 1)
    .option('--device <device>', 'cpu, cuda:0, cuda:1 …; default: a GPU where there is one')
    .option('--labels <labels>', 'to know it by, as in a100,lab-3')
    .option(
      '--drain <seconds>',
      'that trials may go on when it is told to end; default: they are given back',
      count(0, 86_400),
    )
    .action(async (options) => (await import('./commands/worker.js')).worker(options));
  const workers = command(
    'workers',
    'list the workers: where they run, what they are and when they were last heard of',
  ).action(async (options) => (await import('./commands/workers.js')).workers(options));
  workers
    .command('join')
    .description('print a link with which another machine joins')
    .option('--hours <n>', 'until it expires', count(1, 8_760), 24)
    .option('--json', 'one JSON value on stdout')
    .action(async (options) => (await import('./commands/workers.js')).join(options));
  workers
    .command('links')
    .description('list the links: when they expire, and how many workers joined with them')
    .option('--json', 'one JSON value on stdout')
    .action(async (options) => (await import('./commands/workers.js')).links(options));
  workers
    .command('revoke <link-id>')
    .description('end a link, and the workers that joined with it')
    .option('--json', 'one JSON value on stdout')
    .action(async (id, options) => (await import('./commands/workers.js')).revoke(id, options));

  command('submit <file>', 'send a grid file to the server')
    .option('--watch', 'stay and watch it')
    .option('--name <name>', 'of the experiment; default: the first grid’s')
    .option('--priority <n>', '-100 … 100, higher runs first', count(-100, 100))
    .option('--requires <labels>', 'of the workers that may train it, with commas between them')
    .action(async (file, options) => (await import('./commands/submit.js')).submit(file, options));
  command('plan <file>', 'say what a grid file would do, and do nothing').action(async (file, options) =>
    (await import('./commands/plan.js')).plan(file, options),
  );
  command(
    'run <file>',
    'train a grid file’s trials in this process, without a server; goes on where it stopped',
  )
    .option('--out <folder>', 'for results and checkpoints; default: runs/NAME')
    .action(async (file, options) =>
      isApart() ? (await import('./commands/run.js')).run(file, options) : apart(),
    );

  command('ls', 'list the experiments').action(async (options) =>
    (await import('./commands/ls.js')).ls(options),
  );
  command('watch <experiment>', 'watch an experiment live').action(async (id, options) =>
    (await import('./commands/watch.js')).watch(id, options),
  );
  command(
    'table <experiment-or-folder>',
    'means with intervals over seeds, of an experiment or a run’s folder; one table a grid',
  )
    .option('--grid <name>', 'this grid only; may be repeated', (name: string, before: string[] = []) => [
      ...before,
      name,
    ])
    .option(
      '--rows <knob...>',
      'down the side, e.g. method.length,method.init; default: from the grid’s axes',
    )
    .option('--cols <knob...>', 'across the top')
    .option('--metric <name>', 'of the test split, or e.g. validation.accuracy')
    .addOption(new Option('--split <split>', 'of the metric').choices(['test', 'validation']))
    .option('--where <knob:value...>', 'those cells alone whose config has it, e.g. method.name:lora')
    .addOption(
      new Option('--format <format>', 'default: text').choices(['text', 'markdown', 'csv', 'json', 'latex']),
    )
    .action(async (id, options) => (await import('./commands/table.js')).table(id, options));
  command(
    'compare <experiment-or-folder>',
    'what a knob does: values of an axis against one of them, paired by seed',
  )
    .requiredOption('--axis <knob>', 'e.g. training.precision')
    .option('--against <value>', 'of the axis, as tables write it; default: its first')
    .option('--grid <name>', 'this grid only; may be repeated', (name: string, before: string[] = []) => [
      ...before,
      name,
    ])
    .option('--metric <name>', 'of the test split, or e.g. validation.accuracy')
    .addOption(new Option('--format <format>', 'default: text').choices(['text', 'markdown', 'json']))
    .action(async (id, options) => (await import('./commands/compare.js')).compare(id, options));
  command(
    'predictions <cell-or-trial-or-folder> [cell]',
    'what a finished trial said of its examples; of a run’s folder name the cell too',
  )
    .addOption(new Option('--split <split>', 'of the task').choices(['test', 'validation']).default('test'))
    .option('--wrong', 'those alone whose answer is not what was said')
    // contracts' mostPredictions, without loading them for --help
    .option('--n <n>', 'how many', count(1, 200), 20)
    .option('--offset <n>', 'how many to pass over', count(0, 999_999_999), 0)
    .action(async (id, cell, options) =>
      (await import('./commands/predictions.js')).predictions(id, cell, options),
    );
  command(
    'predict <cell-or-trial-or-folder> [cell]',
    'what a trained cell, or a backbone with an adapter’s folder, says of texts; a JSON value a line',
  )
    .option(
      '--text <text>',
      'as the model reads it; may be repeated',
      (text: string, before: string[] = []) => [...before, text],
    )
    .option('--file <file>', 'a text a line; of a .jsonl file objects with "input", "choices" or "words"')
    .option('--backbone <name-or-folder>', 'of an adapter’s folder; default: the one that its config names')
    .option('--labels <words>', 'of an adapter’s folder, one a class, as in no,yes')
    .option('--max-length <n>', 'tokens of a text, of an adapter’s folder; default: 512', count(1, 100_000))
    .option('--max-tokens <n>', 'to be written, of an adapter’s folder; default: 64', count(1, 4096))
    .action(async (id, cell, options) =>
      isApart() ? (await import('./commands/predict.js')).predict(id, cell, options) : apart(),
    );
  command(
    'neighbours <cell-or-trial-or-folder> [cell]',
    'vocabulary tokens that a trained prompt is near to; of a run’s folder name the cell too',
  )
    // contracts' mostNeighbours and Closeness, without loading them for --help
    .option('--k <k>', 'nearest tokens of each position', count(1, 50), 5)
    .addOption(
      new Option('--metric <metric>', 'by which they are near')
        .choices(['cosine', 'dot', 'euclidean'])
        .default('cosine'),
    )
    .action(async (id, cell, options) =>
      (await import('./commands/neighbours.js')).neighbours(id, cell, options),
    );
  command(
    'score <experiment-or-folder>',
    'a metric of the kept predictions of all finished trials, without training; a table as table’s',
  )
    .requiredOption('--metric <name>', 'of the test split, or e.g. validation.matthews')
    .option('--grid <name>', 'this grid only; may be repeated', (name: string, before: string[] = []) => [
      ...before,
      name,
    ])
    .option('--rows <knob...>', 'down the side; default: from the grid’s axes')
    .option('--cols <knob...>', 'across the top')
    .addOption(
      new Option('--format <format>', 'default: text').choices(['text', 'markdown', 'csv', 'json', 'latex']),
    )
    .action(async (id, options) => (await import('./commands/score.js')).score(id, options));
  command('why <cell-or-trial>', 'why a cell is as it is: what it waits for, what failed, who tried')
    .action(async (id, options) => (await import('./commands/why.js')).why(id, options)); // prettier-ignore
  command(
    'export <experiment-or-folder>',
    'write adapters (Hugging Face PEFT layout), results.json and cells.csv',
  )
    .option('--out <folder>', 'default: the experiment’s name')
    .option('--predictions', 'also what each cell said of its validation and test examples')
    .option(
      '--merged',
      'also a Hugging Face model for every cell whose adapter can be merged into its weights',
    )
    .action(async (id, options) => (await import('./commands/export.js')).exportExperiment(id, options));

  for (const [verb, what] of [
    ['cancel', 'stop an experiment for good; what it has measured stays'],
    ['pause', 'dispatch nothing more of an experiment; what runs goes on'],
    ['resume', 'go on with a paused experiment'],
  ] as const) {
    command(`${verb} <experiment>`, what).action(async (id, options) =>
      (await import('./commands/steer.js')).steer(verb, id, options),
    );
  }
  command(
    'retry <cell-or-trial-or-experiment>',
    'make a failed or cancelled trial, or all such trials of an experiment, ready again',
  ).action(async (id, options) => (await import('./commands/retry.js')).retry(id, options));

  command('rm <experiment>', 'say what goes with an experiment that has ended, and with --yes remove it')
    .option('--yes', 'remove it')
    .action(async (id, options) => (await import('./commands/rm.js')).rm(id, options));
  command('gc', 'remove files that nothing names from the artifact store; it happens by itself once a day')
    .option('--dry-run', 'only say how many there are')
    .option('--hours <n>', 'leave files that are younger', count(1, 100_000), 24)
    .action(async (options) => (await import('./commands/gc.js')).gc(options));
  command('backbones', 'list the backbones that have a name: size, licence, source, hash').action(
    async (options) => (await import('./commands/backbones.js')).backbones(options),
  );
  command('backbone', 'a backbone’s folder')
    .command('verify <folder-or-name>')
    .description('load it and say its family, sizes and tensor check, and what it computes for given ids')
    .option('--ids <ids>', 'token ids, as in 5,17,3')
    .option('--text <text>', 'instead of ids, through its tokenizer')
    .option('--json', 'one JSON value on stdout')
    .action(async (target, options) =>
      (await import('./commands/backbone-verify.js')).backboneVerify(target, options),
    );

  const engine = command('engine', 'the TensorFlow library that trains');
  engine
    .command('install')
    .description('fetch it with pip into the home folder')
    .option('--cuda', 'the build for NVIDIA GPUs')
    .option('--json', 'one JSON value on stdout')
    .action(async (options) => (await import('./commands/engine.js')).install(options));
  engine
    .command('doctor')
    .description('versions, devices, the measured peak and an op check')
    .option('--json', 'one JSON value on stdout')
    .action(async (options) => (await import('./commands/engine.js')).engineDoctor(options));
  command('doctor', 'check all that peftgrid needs on this machine')
    .action(async (options) => (await import('./commands/doctor.js')).doctor(options)); // prettier-ignore
  peftgrid
    .command('bench')
    .description('measure, e.g. bench engine --peers')
    .addArgument(new Argument('<what>'))
    .argument('[options...]')
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (what, args) => (await import('./commands/bench.js')).bench(what, args));
  peftgrid
    .command('test')
    .description('install what the tests need and run them all, or the files named')
    .argument('[paths...]', 'test files')
    .option('-t, --testNamePattern <pattern>', 'only tests whose name matches')
    .action(async (paths, options) => (await import('./commands/test.js')).test(paths, options));
  peftgrid
    .helpCommand(false) // the library's own shows the whole for a command that there is not
    .command('help')
    .description('display help for command')
    .argument('[command...]')
    .action((names: string[]) => named(peftgrid, names).help());
  return peftgrid;
}

/** The command of that name below `from`, or `from` itself. Throws Failure where there is none. */
function named(from: Command, names: readonly string[]): Command {
  return names.reduce((above, name) => {
    const found = above.commands.find((c) => c.name() === name);
    if (!found) throw new Failure(`unknown command '${name}'`);
    return found;
  }, from);
}

function count(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most && text.trim() !== '') return value;
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`);
  };
}
