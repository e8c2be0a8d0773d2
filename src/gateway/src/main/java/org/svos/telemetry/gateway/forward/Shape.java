package org.svos.telemetry.gateway.forward;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.Session;
import org.svos.telemetry.lanternrock.TelemetryRecord;

/** What was made of a batch of the spool. */
sealed interface Shape {

    /**
     * Nothing: its body cannot be read, or holds other events than were accepted.
     *
     * @param detail why
     */
    record Unreadable(SpooledBatch batch, String detail) implements Shape {}

    /**
     * Records, to be delivered together or in parts.
     *
     * @param first the number of the first of the records; of the batch they are all, or those of one part
     * @param records one for each valid event, in the batch's order
     * @param runs where another application begins, and which; the first at record 0. A part lies within one run
     * @param parts before which records a large one is cut, whatever their application
     * @param sessions by id, with a duration where the batch knows the end
     * @param after the stream when all of it has passed
     */
    record Shaped(
            SpooledBatch batch,
            int first,
            List<TelemetryRecord> records,
            List<Run> runs,
            List<Integer> parts,
            Map<String, Session> sessions,
            Delivery.@Nullable Host host,
            Stream.Key stream,
            Stream after)
            implements Shape {

        /** All of the batch. */
        int size() {
            return batch.events();
        }

        /** Whether those records are here. */
        boolean has(int from, int to) {
            return first <= from && to <= first + records.size();
        }

        /** Before which records the batch is to be cut before anything of it is sent; none for one that goes out whole. */
        List<Integer> wholeCuts() {
            if (runs.size() <= 1 && parts.isEmpty()) {
                return List.of();
            }
            var cuts = new TreeSet<>(parts);
            runs.stream().skip(1).map(Run::from).forEach(cuts::add);
            return List.copyOf(cuts);
        }

        /**
         * A part as a delivery.
         *
         * @param from its first record
         * @param to behind its last one
         */
        Delivery part(String database, int from, int to) {
            List<TelemetryRecord> part = records.subList(from - first, to - first);
            return new Delivery(
                    database, key(from, to), batch.sandbox().value(), application(from), host, sessions(part), part);
        }

        private Delivery.@Nullable Application application(int record) {
            Delivery.Application application = null;
            for (Run run : runs) {
                if (run.from() > record) {
                    break;
                }
                application = run.application();
            }
            return application;
        }

        private List<Session> sessions(List<TelemetryRecord> part) {
            var named = new LinkedHashMap<String, Session>();
            for (TelemetryRecord record : part) {
                Session session = record.session() == null ? null : sessions.get(record.session());
                if (session != null) {
                    named.put(session.id(), session);
                }
            }
            return List.copyOf(named.values());
        }

        /** Stable over retries and restarts: the batch's own key and admission, and for a part its first and last record. */
        String key(int from, int to) {
            String whole = Shape.key(batch);
            return from == 0 && to == size() ? whole : whole + "/" + from + "-" + (to - 1);
        }
    }

    /** Records from one on that have the same application. */
    record Run(int from, Delivery.@Nullable Application application) {}

    /** {@code <sandbox>/<batch key>/<admission, epoch ms>}: a key that was forgotten and used again is another delivery. */
    static String key(SpooledBatch batch) {
        return batch.sandbox() + "/" + batch.key() + "/" + batch.admittedAt().toEpochMilli();
    }
}
