// Takes a picture of the dashboard: node apps/dashboard/screenshot.mjs URL OUT.png [--dark] [--width=1280] [--height=900] [--full]
import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';

const [url, out, ...flags] = process.argv.slice(2);
if (!url || !out) throw new Error('expected URL OUT.png');
const size = (name, otherwise) =>
  Number(flags.find((f) => f.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise);

const browser = await chromium.launch({
  executablePath: execFileSync('sh', [
    '-c',
    'command -v chromium || command -v chromium-browser || command -v google-chrome',
  ])
    .toString()
    .trim(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const page = await browser.newPage({
    viewport: { width: size('width', 1280), height: size('height', 900) },
    colorScheme: flags.includes('--dark') ? 'dark' : 'light',
  });
  await page.goto(url);
  // What is drawn last: the figures of a finished grid, or the list.
  await page.locator('.plot svg, .empty, .card, .panel .uplot').first().waitFor();
  await page.waitForTimeout(1500); // transitions end
  await page.screenshot({ path: out, fullPage: flags.includes('--full') });
} finally {
  await browser.close();
}
