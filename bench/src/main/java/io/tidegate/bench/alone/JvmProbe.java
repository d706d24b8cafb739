package io.tidegate.bench.alone;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Path;
import java.util.Map;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import jdk.management.jfr.FlightRecorderMXBean;

/** Looks into a JVM of this user on this machine, which has to answer for itself meanwhile: on threads of its own. */
final class JvmProbe implements AutoCloseable {
    private static final String FLIGHT_RECORDER = "jdk.management.jfr:type=FlightRecorder";

    private static final Map<String, String> ALLOCATIONS = Map.of(
            "jdk.ObjectAllocationSample#enabled", "true",
            "jdk.ObjectAllocationSample#stackTrace", "true",
            "jdk.ObjectAllocationSample#throttle", "2000/s");

    private final JMXConnector connector;
    private final MBeanServerConnection connection;
    private final ThreadMXBean threads;

    /** @throws IOException also if it is not a JVM, or not one of ours */
    @SuppressWarnings("BanJNDI") // the address is from the JVM itself, which we have started
    JvmProbe(long pid) throws IOException {
        connector = JMXConnectorFactory.connect(new JMXServiceURL(agent(pid)));
        connection = connector.getMBeanServerConnection();
        threads = ManagementFactory.newPlatformMXBeanProxy(
                connection, ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
    }

    /**
     * What threads that live have allocated on the heap since they began, in bytes.
     *
     * @param prefix of their names
     */
    long allocatedBytes(String prefix) {
        long sum = 0;
        long[] ids = threads.getAllThreadIds();
        long[] bytes = threads.getThreadAllocatedBytes(ids);
        ThreadInfo[] infos = threads.getThreadInfo(ids);
        for (int i = 0; i < ids.length; i++) {
            if (infos[i] != null && infos[i].getThreadName().startsWith(prefix)) {
                sum += bytes[i];
            }
        }
        return sum;
    }

    /** Garbage collections since it began, of all kinds. */
    long collections() throws IOException {
        return ManagementFactory.getPlatformMXBeans(connection, GarbageCollectorMXBean.class).stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }

    /** Begins to record where objects are allocated; ended by {@link #stopRecording}. */
    long startRecording() throws IOException {
        FlightRecorderMXBean recorder = recorder();
        long id = recorder.newRecording();
        recorder.setRecordingSettings(id, ALLOCATIONS);
        recorder.startRecording(id);
        return id;
    }

    /** Ends a recording and has the JVM write it to {@code file}. */
    void stopRecording(long id, Path file) throws IOException {
        FlightRecorderMXBean recorder = recorder();
        recorder.stopRecording(id);
        recorder.copyTo(id, file.toString());
        recorder.closeRecording(id);
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }

    private FlightRecorderMXBean recorder() throws IOException {
        return ManagementFactory.newPlatformMXBeanProxy(connection, FLIGHT_RECORDER, FlightRecorderMXBean.class);
    }

    private static String agent(long pid) throws IOException {
        try {
            VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
            try {
                return machine.startLocalManagementAgent();
            } finally {
                machine.detach();
            }
        } catch (AttachNotSupportedException e) {
            throw new IOException("cannot look into process " + pid, e);
        }
    }
}
