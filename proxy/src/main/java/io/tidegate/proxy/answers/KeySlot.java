package io.tidegate.proxy.answers;

/**
 * The slot of a key in Redis Cluster: CRC16 (XMODEM) of the key, or of what is between its first braces, modulo 16384; see
 * <a href="https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/">the cluster's specification</a>.
 */
final class KeySlot {
    private static final int POLYNOMIAL = 0x1021;

    private KeySlot() {}

    static int of(byte[] key) {
        int from = 0;
        int to = key.length;
        int open = indexOf(key, '{', 0);
        int close = open < 0 ? -1 : indexOf(key, '}', open + 1);
        if (close > open + 1) {
            from = open + 1;
            to = close;
        }
        int crc = 0;
        for (int i = from; i < to; i++) {
            crc ^= (key[i] & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ POLYNOMIAL : crc << 1;
            }
        }
        return crc & 0x3fff;
    }

    private static int indexOf(byte[] key, char wanted, int from) {
        for (int i = from; i < key.length; i++) {
            if (key[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
