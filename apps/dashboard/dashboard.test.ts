import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { openStore, putFolder } from '#artifacts/store.js';
import { type Neighbours, neighboursFile } from '#contracts/neighbours.js';
import { predictionsFile } from '#contracts/predictions.js';
import type { Summary } from '#contracts/trainer-messages.js';
import { type ClaimedTrial, claimAttempts } from '#db/claim-attempts.js';
import { finishAttempts } from '#db/finish-attempts.js';
import { ingestMetrics, recordProgress } from '#db/record-progress.js';
import { dispatchReady } from '#db/dispatch.js';
import { submitExperiment } from '#db/submit.js';
import { expand } from '#planner/expand.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { Stack } from '../../test/support/stack.js';

const found = spawnSync('sh', [
  '-c',
  'command -v chromium || command -v chromium-browser || command -v google-chrome',
]);
const browserPath = found.stdout.toString().trim();
if (!browserPath)
  console.warn(
    'the dashboard is NOT tested: there is no chromium, chromium-browser or google-chrome on the PATH',
  );
const inBrowser = browserPath ? describe : describe.skip;

const file = `
name: lengths
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
method: { name: prompt-tuning }
training: { steps: 100 }
grid:
  method.length: [1, 5, 20]
  method.init: [random, class-labels]
  seed: [1, 2]
baselines: [{ method: { name: head } }]
`;

jest.setTimeout(30_000); // what is waited for comes soon, or never

/** The built page, served by the real API from a real database, whose rows are written as a worker would
 *  write them. */
inBrowser('the dashboard in a browser', () => {
  let stack: Stack;
  let browser: Browser;
  let page: Page;
  let id: string;
  const problems: string[] = [];

  beforeAll(async () => {
    execFileSync('npm', ['run', '--silent', 'dashboard'], {
      cwd: resolve(__dirname, '..', '..'),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    stack = await Stack.start();
    const request = parseGridFile(file);
    ({ id } = await submitExperiment(stack.db, { request, plan: expand(request), owner: 'local' }));
    browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-gpu'] });
    page = await browser.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(stack.url);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  }, 60_000);

  const square = (trialId: string) => page.locator(`[data-trial="${trialId}"]`);

  it('lists the experiment and opens its grid', async () => {
    await page.getByRole('link', { name: /lengths/ }).click();
    await page.getByRole('heading', { name: 'lengths', level: 1 }).waitFor();
    await page.locator('[data-cell]').first().waitFor();
    expect(await page.locator('[data-cell]').count()).toBe(14);
    expect(await page.locator('[data-cell].ready').count()).toBe(14);
  });

  it('shows a trial run, its loss as it falls, and why, without being reloaded', async () => {
    const [trial] = await claim(1);
    await page.locator(`${selector(trial!)}.running`).waitFor();
    await ingestMetrics(stack.db, [{ attemptId: trial!.attemptId, metrics: losses(10) }]);
    await page.locator('.running-card canvas').waitFor();
    await recordProgress(stack.db, [{ attemptId: trial!.attemptId, step: 50, note: 'training', stepMs: 12 }]);
    await page.locator(`${selector(trial!)}[aria-label*="step 50 of 100"]`).waitFor();
    await square(trial!.trialId).hover();
    await page.getByRole('tooltip').getByText('step 50 of 100', { exact: false }).first().waitFor();
    await finishAttempts(stack.db, [
      { verdict: 'failed', attemptId: trial!.attemptId, cause: 'diverged', message: 'loss NaN at step 51' },
    ]);
    await page.locator(`${selector(trial!)}.failed`).waitFor();
    await page.getByLabel('failures').getByText('diverged: loss NaN at step 51').waitFor();
  });

  it('opens a trial by keys alone, says why it is as it is, and closes', async () => {
    await page.locator('[data-cell][tabindex="0"]').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'trial' });
    await panel.locator('.why').waitFor();
    const label = await page.locator('[data-cell][aria-current]').getAttribute('aria-label');
    expect(label).toContain(await panel.locator('.why').textContent());
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  it('pauses and resumes', async () => {
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    expect((await stack.client.experiment(id)).state).toBe('active');
  });

  it('draws the length curve with intervals, baseline and references when all is done', async () => {
    const trials = await claim(20);
    await ingestMetrics(
      stack.db,
      trials.map(({ attemptId }) => ({ attemptId, metrics: losses(20) })),
    );
    await finishAttempts(
      stack.db,
      trials.map((t, i) => ({
        verdict: 'succeeded' as const,
        attemptId: t.attemptId,
        summary: summary(0.7 + i / 100),
      })),
    );
    await page.locator('.pill.finished').waitFor();
    await page.locator('.plot svg').waitFor();
    await page.locator('[data-cell].measured').nth(12).waitFor();
    const intervals = page.locator('.plot .interval line');
    await intervals.nth(4).waitFor({ state: 'attached' });
    expect(await intervals.count()).toBe(5); // of six points one has a single seed left
    await page.locator('.plot').getByText('majority', { exact: false }).waitFor();
    expect(await page.locator('.plot .baseline line').count()).toBe(1);
    const cut = await page.locator('.plot').evaluate((plot) => {
      const { right } = plot.querySelector('svg')!.getBoundingClientRect();
      const texts = [...plot.querySelectorAll('text')];
      return texts.filter((t) => t.getBoundingClientRect().right > right).map((t) => t.textContent);
    });
    expect(cut).toEqual([]);
    expect(await page.locator('.results .notes').textContent()).toContain('not in a mean: failed');
  });

  it('shows wrong examples page by page, and how labels are confused', async () => {
    const cell = page.locator('[data-cell].measured').first();
    await keepPredictions((await cell.getAttribute('data-trial'))!);
    await cell.click();
    const said = page
      .getByRole('complementary', { name: 'trial' })
      .getByRole('region', { name: 'predictions' });
    await said.getByText('12 of 30 wrong; 1 to 10').waitFor();
    const wrong = said.getByRole('group', { name: 'wrong examples' });
    expect(await wrong.getByRole('row').nth(1).getByRole('cell').allTextContents()).toEqual([
      'text 0',
      'plant',
      'animal',
      '0.75',
    ]);
    await said.getByRole('button', { name: 'Next' }).click();
    await said.getByText('12 of 30 wrong; 11 to 12').waitFor();
    expect(await wrong.getByRole('row').count()).toBe(3);
    expect(await wrong.getByText('(no label: “stone”)').count()).toBe(2);
    const matrix = said.getByRole('table', { name: 'Confusion' });
    expect(await matrix.getByRole('columnheader').allTextContents()).toEqual([
      'right \\ said',
      'animal',
      'plant',
      '(no label)',
    ]);
    expect(
      await matrix
        .getByRole('row', { name: /^plant/ })
        .getByRole('cell')
        .allTextContents(),
    ).toEqual(['6', '9', '6']);
    await page.keyboard.press('Escape');
  });

  it('shows what a prompt is near to, by another measure too, and says where nothing was kept', async () => {
    const cell = page.locator('[data-cell].measured').first();
    await cell.click();
    const near = page
      .getByRole('complementary', { name: 'trial' })
      .getByRole('region', { name: 'neighbours' });
    await near.getByText('it was trained before neighbours were kept').waitFor();
    await page.keyboard.press('Escape');
    await keepNeighbours((await cell.getAttribute('data-trial'))!);
    await cell.click();
    const rows = near.getByRole('group', { name: 'nearest tokens' }).getByRole('row');
    await near.getByText('1 of 1 labels are among the 5 nearest').waitFor();
    expect(await rows.nth(1).getByRole('cell').first().textContent()).toBe(
      'cat 0.90, cats 0.80, dog 0.70, mat 0.60, hat 0.50',
    );
    await near.getByLabel('by').selectOption('euclidean');
    await near.getByText('mean euclidean distance to the initial token: 2.00').waitFor();
    await page.keyboard.press('Escape');
  });

  it('reports nothing to the console', () => {
    expect(problems).toEqual([]);
  });

  /** As a worker keeps them. */
  async function keepPredictions(trialId: string): Promise<void> {
    const line = (i: number) => {
      const label = i < 6 ? 0 : i < 12 ? null : i % 2;
      const answer = { label: i < 12 ? 1 : i % 2 };
      return {
        split: 'test',
        id: String(i),
        input: `text ${i}`,
        answer,
        said: { label, scores: [0.75, 0.25], text: 'stone' },
      };
    };
    const head = { task: 't', kind: 'class', labels: ['animal', 'plant'], hash: '' };
    const values = [head, ...Array.from({ length: 30 }, (_, i) => line(i))];
    const lines = values.map((v) => `${JSON.stringify(v)}\n`).join('');
    await keep(trialId, 'predictions', predictionsFile, gzipSync(lines));
  }

  /** As a worker keeps them. */
  async function keepNeighbours(trialId: string): Promise<void> {
    const near = { ids: [0, 1, 2, 3, 4], values: [0.9, 0.8, 0.7, 0.6, 0.5] };
    const measured = (moved: number) => ({ before: [near], after: [near], moved: [moved] });
    const content: Neighbours = {
      tokens: { 0: 'cat', 1: 'cats', 2: 'dog', 3: 'mat', 4: 'hat' },
      labels: [{ label: 'cat', ids: [0] }],
      related: [],
      measures: { cosine: measured(0.1), dot: measured(1), euclidean: measured(2) },
    };
    await keep(trialId, 'neighbours', neighboursFile, gzipSync(JSON.stringify(content)));
  }

  async function keep(trialId: string, kind: string, name: string, bytes: Buffer): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'peftgrid-said-'));
    writeFileSync(join(folder, name), bytes);
    const {
      hash,
      bytes: size,
      files,
    } = await putFolder(await openStore(join(stack.home, 'artifacts')), folder);
    const place = { id: randomUUID(), trialId, kind, step: 100, fence: 1 };
    await stack.db.prisma.checkpoint.create({
      data: { ...place, hash, bytes: BigInt(size), files: files.map((f) => ({ ...f })) },
    });
    rmSync(folder, { recursive: true });
  }

  const selector = ({ trialId }: ClaimedTrial) => `[data-trial="${trialId}"]`;

  async function claim(slots: number): Promise<ClaimedTrial[]> {
    const jobs = await dispatchReady(stack.db, { slots });
    return (await Promise.all(jobs.map((job) => claimAttempts(stack.db, job, 'worker-1', 600)))).flat();
  }
});

function losses(steps: number) {
  return Array.from({ length: steps }, (_, i) => ({
    name: 'loss',
    split: 'train' as const,
    step: i + 1,
    value: 2 / (i + 1),
  }));
}

function summary(accuracy: number): Summary {
  return {
    validation: { accuracy },
    test: { accuracy },
    metrics: { accuracy: { unit: 'share', better: 'larger' } },
    reportBy: 'accuracy',
    references: { majority: 0.22, 'zero-shot': 0.6, 'naive-bayes': 0.73 },
    bestStep: 100,
    steps: 100,
    trainableParameters: 384,
    totalParameters: 22_713_216,
    trainSeconds: 1,
    compileSeconds: 1,
    stepMs: 12,
    peakMemoryBytes: 1,
    provenance: { code: '0', library: 'none', device: 'none', dataHash: '', backboneHash: '' },
  };
}
