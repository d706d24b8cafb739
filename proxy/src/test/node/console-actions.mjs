// Has the console do what its buttons say: a switchover, a release of the fence, a drain. In between the test does to the
// servers what makes an operator act.
import { accessible, check, end, fits, withPage } from './console-page.mjs';

const [, , url, executablePath, first, second] = process.argv;
const token = "a token of the test's";

await withPage(url, executablePath, async (page, complaints) => {
    const button = page.locator('#actions button');
    const confirm = page.locator('#actions input[name=confirm]');
    const gate = (words) => page.waitForFunction((wanted) => document.getElementById('gate').textContent === wanted, words);
    const primary = (address) => page.waitForFunction(
        (wanted) => document.querySelector('.node.primary h3')?.textContent === wanted, address);

    /** Whom an action concerns has to be typed whole; nothing can be sent before that, nor again after it. */
    async function act(action, target) {
        await page.selectOption('#actions select[name=action]', action);
        if (action === 'release') {
            // Asked for by another name than the one that was chosen first.
            await page.waitForFunction((wanted) => [...document.querySelectorAll('#actions select[name=node] option')]
                .some((option) => option.value === wanted), target);
            await page.selectOption('#actions select[name=node]', target);
        }
        await page.waitForFunction((wanted) => document.getElementById('action-target').textContent === wanted, target);
        for (const wrong of ['', action, target.slice(0, -1)]) {
            await confirm.fill(wrong);
            check(await button.isDisabled(), `${action} is confirmed by '${wrong}'`);
        }
        await confirm.fill(target);
        await button.click();
        await page.waitForFunction((wanted) => document.getElementById('action-told').textContent.startsWith(wanted)
            && /: (done|not done)/.test(document.getElementById('action-told').textContent), action);
        const told = await page.locator('#action-told').innerText();
        check(/: done/.test(told), told);
        check(await button.isDisabled(), `${action} could be sent twice`);
        check((await confirm.inputValue()) === '', `the confirmation of ${action} stayed`);
    }

    await gate('writes open');
    await page.waitForFunction(() => document.querySelectorAll('.node.replica .pill.good').length === 1);
    check(await button.isDisabled(), 'something can be done without a token');
    await confirm.fill(first);
    check(await button.isDisabled(), 'a name is enough');
    await page.fill('#actions input[name=token]', token);
    await act('switchover', first);
    await primary(second);
    await gate('writes open');
    await accessible(page, 'switched, light');
    await page.screenshot({ path: 'console-switched.png', fullPage: true });
    console.log('switched');

    // The test makes the old primary one again, behind everybody's back.
    await gate('another node is being promoted: writes wait');
    await page.waitForFunction((wanted) => document.querySelector('#failovers h3')?.textContent.startsWith(wanted), `${second} in doubt, `);
    await page.emulateMedia({ colorScheme: 'dark' });
    await accessible(page, 'two primaries, dark');
    await page.screenshot({ path: 'console-two-primaries.png', fullPage: true });
    await act('release', first);
    await primary(first);
    await gate('writes open');
    await fits(page, 360);
    await accessible(page, 'released, narrow');
    await page.screenshot({ path: 'console-released-narrow.png', fullPage: true });
    console.log('released');

    const listener = await page.locator('#listeners strong').first().innerText();
    await act('drain', listener);
    complaints.tolerated = /./; // it is about to be gone
    await page.emulateMedia({ colorScheme: 'light' });
    await fits(page, 1200);
    await page.screenshot({ path: 'console-draining.png', fullPage: true });
    console.log('drained');
    await gate('no answer');
    check(!(await page.content()).includes(token), 'the token is shown');
});
end();
