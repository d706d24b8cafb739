package io.tidegate.proxy.upstream;

/**
 * Which software a server is, as {@code INFO server} says: Redis, or one that began as its copy and counts its own versions.
 *
 * @param name as HELLO gives it, {@code redis} or {@code valkey}
 * @param version its own
 * @param redisVersion {@code redis_version}: the Redis whose commands it has; that of Valkey 8.1.1 is 7.2.4
 */
public record Product(String name, String version, String redisVersion) {
    /** Nothing was said yet. */
    public static final Product UNKNOWN = new Product("redis", "", "");

    static Product of(String info) {
        String redisVersion = RoleReply.field(info, "redis_version");
        String name = RoleReply.field(info, "server_name");
        String own = RoleReply.field(info, name + "_version");
        return name.isEmpty() || own.isEmpty()
                ? new Product("redis", redisVersion, redisVersion)
                : new Product(name, own, redisVersion);
    }

    public boolean known() {
        return !version.isEmpty();
    }

    /** Whether it has what came with this Redis, as far as is known. */
    public boolean since(int major, int minor) {
        return since(redisVersion, major, minor);
    }

    /** Whether it is Valkey and has what came with this one, which is in no Redis that it calls itself. */
    public boolean valkeySince(int major, int minor) {
        return name.equals("valkey") && since(version, major, minor);
    }

    private static boolean since(String version, int major, int minor) {
        String[] parts = version.split("\\.", 3);
        try {
            int first = Integer.parseInt(parts[0]);
            return first > major || (first == major && parts.length > 1 && Integer.parseInt(parts[1]) >= minor);
        } catch (NumberFormatException unknown) {
            return false;
        }
    }
}
