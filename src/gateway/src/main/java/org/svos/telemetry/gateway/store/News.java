package org.svos.telemetry.gateway.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What was announced by all processes, numbered in the order of the commits: whoever announces locks the last number until it
 * commits. Each process reads what is new when it is told that there is some, and once a second in any case.
 */
final class News {

    /** The channel that tells of news, and the text that says so; other texts there are hints. */
    static final String CHANNEL = "telemetry";

    static final String TOLD = "news";

    private static final long KEPT_MILLIS = TimeUnit.HOURS.toMillis(1);

    private static final String NEXT = "update news_end set number = number + 1 returning number";
    private static final String ADD = "insert into news (number, kind, key, announced_at) values (?, ?, ?, ?)";
    private static final String FORGET = "delete from news where announced_at < ?";
    private static final String TELL = "select pg_notify('" + CHANNEL + "', '" + TOLD + "')";
    private static final String END = "select number from news_end";
    private static final String SINCE = "select number, kind, key from news where number > ? order by number";

    private final ServerStore store;
    private final List<NewsReader> readers = new CopyOnWriteArrayList<>();
    private final ReentrantLock reading = new ReentrantLock();
    /** The number of the last one that was read. */
    private long last;

    private record Item(String kind, long key) {}

    private record Page(List<Item> items, long first, long last) {}

    News(ServerStore store) {
        this.store = store;
    }

    /** Begins behind what there is: whoever reads these has read the things themselves later. */
    void start() {
        last = store.read(tx -> {
            try (ResultSet row = tx.statement(END).executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    void readBy(NewsReader reader) {
        readers.add(reader);
    }

    /** Announces something with what that transaction comes to. */
    void announce(Tx tx, String kind, long key) throws SQLException {
        long number;
        try (ResultSet row = tx.statement(NEXT).executeQuery()) {
            row.next();
            number = row.getLong(1);
        }
        tx.change(ADD, number, kind, key, tx.now());
        tx.change(FORGET, tx.now() - KEPT_MILLIS);
        try (ResultSet row = tx.statement(TELL).executeQuery()) {
            row.next();
        }
    }

    /** Tells the readers what is new to this process. When it returns they know all that was committed before it was called. */
    void catchUp() {
        reading.lock();
        try {
            Page page = store.read(tx -> since(tx, last));
            if (page.items.isEmpty()) {
                return;
            }
            if (page.first > last + 1) {
                readers.forEach(reader -> reader.changed(NewsReader.EVERYTHING, 0));
            } else {
                Set<Item> once = new LinkedHashSet<>(page.items);
                once.forEach(item -> readers.forEach(reader -> reader.changed(item.kind, item.key)));
            }
            last = page.last;
        } finally {
            reading.unlock();
        }
    }

    private static Page since(Tx tx, long number) throws SQLException {
        PreparedStatement since = tx.statement(SINCE);
        since.setLong(1, number);
        List<Item> items = new ArrayList<>();
        long first = 0;
        long last = 0;
        try (ResultSet row = since.executeQuery()) {
            while (row.next()) {
                last = row.getLong(1);
                first = items.isEmpty() ? last : first;
                items.add(new Item(row.getString(2), row.getLong(3)));
            }
        }
        return new Page(items, first, last);
    }
}
