// What the scripts that look at the console share: a browser with one page, and a list of what was not as it should be.
import axe from 'axe-core';
import { chromium } from 'playwright-core';

const PATIENCE_MILLIS = 60_000;

export const mistakes = [];

export function check(right, what) {
    if (!right) {
        mistakes.push(what);
    }
}

/** Opens `url` and has `look` use the page; `complaints.tolerated` is what the browser may complain of from then on. */
export async function withPage(url, executablePath, look) {
    const browser = await chromium.launch({
        executablePath,
        args: [
            '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
            '--disable-component-update', '--disable-sync',
        ],
    });
    try {
        const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, colorScheme: 'light' });
        page.setDefaultTimeout(PATIENCE_MILLIS);
        const complaints = { tolerated: undefined };
        page.on('pageerror', (error) => mistakes.push(`error: ${error.stack}`));
        page.on('console', (message) => check(message.type() !== 'error' || complaints.tolerated?.test(message.text()),
            `console: ${message.text()}`));
        page.on('request', (request) => check(request.url().startsWith(url), `asked for ${request.url()}`));
        await page.goto(url);
        await look(page, complaints);
    } finally {
        await browser.close();
    }
}

/** Says how it went, and ends. */
export function end() {
    console.log(mistakes.length === 0 ? 'done' : `wrong: ${mistakes.join('\n')}`);
    process.exit(mistakes.length === 0 ? 0 : 1);
}

export async function accessible(page, where) {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    for (const { id, nodes } of violations) {
        mistakes.push(`${where}: ${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`);
    }
}

/** As far as its elements say: nothing is cut off at the side, and no word is too small to read. */
export async function fits(page, width) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= width, `${wide} wide in ${width}`);
}
