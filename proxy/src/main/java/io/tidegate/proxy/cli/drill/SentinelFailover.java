package io.tidegate.proxy.cli.drill;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import java.io.IOException;
import java.util.List;

/** {@code SENTINEL FAILOVER}, told to the first sentinel that lets itself be connected to, and to no other. */
final class SentinelFailover implements Fault {
    private final Survey survey;
    private final String shard;

    SentinelFailover(Survey survey, String shard) {
        this.survey = survey;
        this.shard = shard;
    }

    @Override
    public Result make() throws IOException {
        return survey.ask(this::tell);
    }

    private Result tell(RedisCommandClient sentinel) throws IOException {
        try {
            String answer = sentinel.command("SENTINEL", "FAILOVER", shard).text();
            return new Result(true, answer, List.of());
        } catch (RedisErrorException e) {
            return new Result(false, "the sentinel refused: " + e.getMessage(), List.of());
        }
    }
}
