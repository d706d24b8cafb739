// What the scripts share. The test's first line on standard input says that the servers have failed over.
import { createInterface } from 'node:readline';

const PATIENCE_MILLIS = 60_000;

export const [host, port] = [process.argv[2], Number(process.argv[3])];

/** Whether what is at that port answers as a sentinel, which names the proxy. */
export const sentinel = process.argv[5] === 'true';

let failedOver = false;
createInterface({ input: process.stdin }).once('line', () => { failedOver = true; });

export const hasFailedOver = () => failedOver;

/** Whether the primary is killed: what it acknowledged at last may then be lost with it, as Redis replicates later. */
export const lossy = process.argv[4] === 'true';

/** Whether what is acknowledged now cannot be lost. */
export const lasts = () => failedOver || !lossy;

export const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The application is at work: the test may let the servers fail over. */
export function ready() {
    console.log('ready');
}

/** Waits for a condition. */
export async function until(what, condition) {
    const deadline = Date.now() + PATIENCE_MILLIS;
    while (!(await condition())) {
        if (Date.now() > deadline) {
            throw new Error(`${what}: did not happen`);
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}

export function check(right, what) {
    if (!right) {
        throw new Error(`not so: ${what}`);
    }
}

/** Nothing is known of a command that failed so; any other error is one of the proxy's. */
export function isUncertain(error) {
    return /^UNCERTAIN /.test(error.message);
}

/** Runs the application to its end. */
export async function run(application) {
    try {
        console.log(`done: ${JSON.stringify(await application())}`);
        process.exit(0);
    } catch (error) {
        console.log(`failed: ${error.stack}`);
        process.exit(1);
    }
}
