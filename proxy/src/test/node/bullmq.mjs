// A queue of jobs: every job that was acknowledged is completed, whatever happens to the servers meanwhile.
import { Queue, Worker } from 'bullmq';
import { check, hasFailedOver, host, isUncertain, lasts, lossy, port, ready, run, turn, until } from './scene.mjs';

const BEFORE = 100;
const AFTER = 100;
const CONCURRENCY = 5;
/** What the library says of a job that was lost with the primary while it was being worked on. */
const LOST = /Missing (key|lock)|could not renew lock/i;

await run(async () => {
    const connection = { host, port, maxRetriesPerRequest: null };
    const queue = new Queue('work', { connection });
    const processed = new Map();
    const complaints = [];
    const errors = (error) => { if (!isUncertain(error) && !(lossy && LOST.test(error.message))) complaints.push(error.message); };
    queue.on('error', errors);
    const worker = new Worker('work', async (job) => {
        processed.set(job.id, (processed.get(job.id) ?? 0) + 1);
        return job.data.number * 2;
    }, { connection, concurrency: CONCURRENCY, lockDuration: 5_000, stalledInterval: 2_000 });
    worker.on('error', errors);

    const acknowledged = [];
    let uncertain = 0;
    let added = 0;
    let after = 0;
    for (let number = 0; after < AFTER; number++) {
        try {
            const counts = lasts();
            const { id } = await queue.add('double', { number });
            if (counts) acknowledged.push(id);
            added++;
            after += hasFailedOver() ? 1 : 0;
        } catch (error) {
            check(isUncertain(error), error.message);
            uncertain++;
        }
        if (added === BEFORE) {
            ready();
        }
        await turn();
    }
    await until('every acknowledged job is processed', () => acknowledged.every((id) => processed.has(id)));
    await until('nothing is left', async () => {
        const counts = await queue.getJobCounts('waiting', 'active', 'delayed');
        return counts.waiting + counts.active + counts.delayed === 0;
    });
    const completed = new Set((await queue.getCompleted(0, -1)).map((job) => job.id));
    check(new Set(acknowledged).size === acknowledged.length, 'no number was given twice');
    const failed = await queue.getFailed(0, -1);
    // Of a job whose completion got no certain answer the library says that it failed, with that error.
    check(failed.every((job) => isUncertain({ message: job.failedReason })), `${failed.map((job) => job.failedReason)}`);
    check(failed.length <= CONCURRENCY, `${failed.length} jobs are uncertain`);
    const ended = new Set([...completed, ...failed.map((job) => job.id)]);
    check(acknowledged.every((id) => ended.has(id)), 'every acknowledged job is completed, or said to be uncertain');
    check(uncertain <= 1, `${uncertain} additions are uncertain`);
    check(complaints.length === 0, `unexpected errors: ${complaints}`);
    await worker.close();
    await queue.close();
    return { acknowledged: acknowledged.length, completed: completed.size, failed: failed.length, uncertain };
});
