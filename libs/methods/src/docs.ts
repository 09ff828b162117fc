import { Method } from '#contracts/method.js';
import { changesBackbone } from '#contracts/sharing.js';
import { citations } from './citations.js';
import { methodOf } from './table.js';

/** docs/methods.md, from the methods themselves. */
export function methodsPage(): string {
  const rows = Method.options.map(({ shape }) => {
    const config = Method.parse({ name: shape.name.value });
    const { name, ...knobs } = config;
    const { peft, merge } = methodOf(config);
    const { paper, formula, count, differences, refused, notPeft } = citations[name];
    const files = peft && `peft files${notPeft ? ` (not of ${notPeft})` : ''}`;
    const defaults = Object.entries(knobs).map(([knob, value]) => `${knob} ${JSON.stringify(value)}`);
    const can = [!changesBackbone(config) && 'gangs', files, merge && 'merges'].filter(Boolean).join(', ');
    return [`\`${name}\``, paper, formula, count, defaults.join('; '), differences, refused, can].map(
      (c) => c.replaceAll('|', '\\|') || '–',
    );
  });
  const head = [
    'method',
    'source',
    'formula',
    'trained parameters',
    'defaults',
    'known differences',
    'not carried by',
    'can',
  ];
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const intro =
    'Families: BERT, RoBERTa, MPNet, T5, BART, GPT-2, LLaMA. Made by `npm run docs:methods`; edit libs/methods/src instead.';
  return `${['# Methods', '', intro, '', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}
