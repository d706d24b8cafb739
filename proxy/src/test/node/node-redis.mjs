// Optimistic locking and a stream with a group of consumers.
import { createClient } from 'redis';
import { check, hasFailedOver, host, isUncertain, lasts, lossy, port, ready, run, turn, until } from './scene.mjs';

await run(async () => {
    const open = async (RESP) => {
        const client = createClient({ socket: { host, port }, RESP });
        client.on('error', () => { /* It connects again by itself. */ });
        return client.connect();
    };
    const client = await open(3);
    const consumer = await open(2);
    const locker = await open(2);
    await client.xGroupCreate('events', 'group', '0', { MKSTREAM: true });

    const added = new Set();
    const delivered = new Map();
    let uncertainReads = 0;
    let ended = false;
    const consuming = (async () => {
        while (!ended) {
            try {
                const read = await consumer.xReadGroup('group', 'me', { key: 'events', id: '>' }, { BLOCK: 500, COUNT: 10 });
                for (const { id } of read?.[0].messages ?? []) {
                    delivered.set(id, (delivered.get(id) ?? 0) + 1);
                    await consumer.xAck('events', 'group', id);
                }
            } catch (error) {
                check(isUncertain(error), error.message);
                uncertainReads++;
            }
        }
    })();
    let uncertain = 0;
    let sum = 0;
    let after = 0;
    for (let i = 0; after < 100; i++) {
        try {
            const counts = lasts();
            const id = await client.xAdd('events', '*', { number: String(i) });
            if (counts) added.add(id);
        } catch (error) {
            check(isUncertain(error), error.message);
            uncertain++;
        }
        try {
            const counts = lasts();
            await locker.watch('sum');
            const now = Number(await locker.get('sum') ?? 0);
            await locker.multi().set('sum', String(now + 1)).exec();
            sum += counts ? 1 : 0;
        } catch (error) {
            const aborted = error.constructor.name === 'WatchError';
            check(aborted || isUncertain(error), `${error.constructor.name} ${error.message}`);
            uncertain += aborted ? 0 : 1;
        }
        after += hasFailedOver() ? 1 : 0;
        if (i === 100) ready();
        await turn();
    }
    await until('the group is at the end', async () => [...added].every((id) => delivered.has(id)) || uncertainReads > 0);
    ended = true;
    await consuming;
    // What a read took whose reply never came is pending, and can be claimed.
    const claimed = await client.xAutoClaim('events', 'group', 'other', 0, '0-0', { COUNT: 10_000 });
    for (const { id } of claimed.messages) {
        check(uncertainReads > 0, `${id} is pending although every read was answered`);
        delivered.set(id, delivered.get(id) ?? 1);
    }
    const rest = await client.xReadGroup('group', 'other', { key: 'events', id: '>' });
    for (const { id } of rest?.[0].messages ?? []) {
        delivered.set(id, (delivered.get(id) ?? 0) + 1);
    }
    check([...added].every((id) => delivered.has(id)), 'every acknowledged event is delivered');
    check(lossy || [...delivered.values()].every((times) => times === 1), 'no event is delivered twice');
    const stored = Number(await client.get('sum'));
    check(stored >= sum && (lossy || stored <= sum + uncertain), `${stored} after ${sum} successful transactions`);
    check(uncertain <= 2, `${uncertain} commands are uncertain`);
    return { events: added.size, sum: stored, uncertain, uncertainReads };
});
