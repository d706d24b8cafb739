// Opens the console and waits until it shows what is so. The test writes the new primary's address once there is one.
import { once } from 'node:events';
import { accessible, check, end, fits, withPage } from './console-page.mjs';

const [, , url, executablePath, primary] = process.argv;
const token = "a token of the test's";

await withPage(url, executablePath, async (page, complaints) => {
    const text = (selector) => page.locator(selector).innerText();
    const until = (what) => page.waitForFunction(what);
    await until(() => document.getElementById('gate').textContent === 'writes open');
    await until(() => document.querySelectorAll('.node.replica .pill.good').length === 2);
    check((await text('.node.primary h3')) === primary, 'the primary');
    check((await page.locator('.sentinels .good').count()) === 3, 'three sentinels answer');
    // Its own clients are seen, with how long they take, and what replicas hold is drawn.
    await until(() => /^[1-9]/.test(document.querySelector('#streams li strong').textContent));
    await until(() => [...document.querySelectorAll('#traffic tbody tr')]
        .some((row) => /^session\s*write.*(µs|ms)/s.test(row.innerText)));
    await until(() => (document.querySelector('.node.replica .spark path').getAttribute('d').match(/L/g) ?? []).length > 2);
    check((await text('#failovers')) === 'none since the start', 'no failover yet');
    // Single commands, keys and clients.
    await until(() => [...document.querySelectorAll('#slow tbody tr')].some((row) => /^set\s+cart:4711/.test(row.innerText)));
    await until(() => /^cart:4711\s/.test(document.querySelector('#hot tbody tr').innerText));
    await until(() => /^catalogue\s+get\s.*KiB/s.test(document.querySelector('#big tbody tr').innerText));
    await until(() => [...document.querySelectorAll('#sessions tbody tr')].some((row) => /blpop\s+blocking/.test(row.innerText)));
    await page.fill('#explain-command', 'GET cart:4711');
    await page.selectOption('#explain-level', 'eventual');
    await page.press('#explain-command', 'Enter');
    await until(() => document.querySelectorAll('#explained li').length >= 4);
    check(/^'get' is a read/.test(await text('#explained')), 'GET is explained');
    check(/level eventual: goes to /.test(await text('#explained')), 'where it goes');
    // Nothing is done without the token and the name of whom it concerns.
    const button = page.locator('#actions button');
    const confirm = page.locator('#actions input[name=confirm]');
    await page.check('#actions input[name=dry]');
    await page.fill('#actions input[name=token]', 'a guess');
    check(await button.isDisabled(), 'no action without a confirmation');
    await confirm.fill('somebody else');
    check(await button.isDisabled(), 'no action with another name');
    await confirm.fill(primary);
    complaints.tolerated = /401/;
    await button.click();
    await until(() => /token is wrong/.test(document.getElementById('action-said').textContent));
    complaints.tolerated = undefined;
    check((await text('#action-told')) === '', 'nothing was done');
    await page.fill('#actions input[name=token]', token);
    check(await button.isDisabled(), 'each action is confirmed anew');
    await confirm.fill(primary);
    await button.click();
    await until(() => /switchover .*, dry run: done/.test(document.getElementById('action-told').textContent));
    check(!(await page.content()).includes(token), 'the token is not shown');
    check(await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length) === 0, 'nothing is stored');
    await page.click('#config-details summary');
    await until(() => [...document.querySelectorAll('#config tbody tr')].some((row) => /^slowlog.slower-than\s+0ms\s+\S/.test(row.innerText)));
    check((await text('#config')).includes('***'), 'that there is a token');
    check(/fence\s+.*\s+default/.test(await text('#config')), 'what was not set');
    check(!/a value/.test(await page.content()), 'no value is shown');
    await accessible(page, 'light');
    await page.screenshot({ path: 'console-light.png', fullPage: true });
    await page.emulateMedia({ colorScheme: 'dark' });
    await accessible(page, 'dark');
    await fits(page, 360);
    await page.screenshot({ path: 'console-narrow.png', fullPage: true });
    await fits(page, 1200);
    console.log('ready');

    const promoted = String((await once(process.stdin, 'data'))[0]).trim();
    await page.waitForFunction(
        (address) => document.querySelector('.node.primary h3')?.textContent === address, promoted);
    await until(() => document.querySelectorAll('#failovers .phases li').length > 4);
    check((await text('#failovers h3')).startsWith(`${primary} → ${promoted}, unplanned`), 'the failover');
    await accessible(page, 'after the failover');
    await page.screenshot({ path: 'console-failover.png', fullPage: true });
    // For README and OPERATING.md.
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1000, height: 1000 });
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({ path: 'console.png', clip: { x: 0, y: 0, width: 1000, height: 1000 } });
    await page.locator('section[aria-labelledby=failovers-title]').screenshot({ path: 'console-timeline.png' });
    complaints.tolerated = /./;
    console.log('failed over');

    await until(() => !document.getElementById('lost').hidden);
    check((await text('#gate')) === 'no answer', 'the gate of a proxy that is gone');
    check((await text('.node.primary h3')) === promoted, 'what was known last stays');
    await accessible(page, 'without an answer');
    await page.screenshot({ path: 'console-lost.png', fullPage: true });
});
end();
