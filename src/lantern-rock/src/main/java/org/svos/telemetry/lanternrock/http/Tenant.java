package org.svos.telemetry.lanternrock.http;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A header that tells a receiver whose the data are, such as {@code X-Scope-OrgID}.
 *
 * @param header its name
 * @param value what it says; {@code {database}} in it stands for the name of the delivery's database
 */
public record Tenant(String header, String value) {

    private static final String DATABASE = "{database}";
    /** A token of RFC 9110, and a value of visible characters, with blanks between. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

    private static final Pattern VALUE = Pattern.compile("[\\x21-\\x7e]+( +[\\x21-\\x7e]+)*");
    private static final Set<String> TAKEN = Set.of(
            "accept",
            "authorization",
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "expect",
            "host",
            "idempotency-key",
            "transfer-encoding",
            "upgrade",
            "user-agent");

    public Tenant {
        if (!NAME.matcher(header).matches() || TAKEN.contains(header.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("\"" + header
                    + "\" cannot be the header that tells the tenant; give the name of one that the protocol does not use,"
                    + " such as X-Scope-OrgID");
        }
        if (!VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "the tenant that " + header + " tells must be visible ASCII characters, such as " + DATABASE
                            + ", which stands for the database's name");
        }
    }

    String of(String database) {
        return value.replace(DATABASE, database);
    }
}
