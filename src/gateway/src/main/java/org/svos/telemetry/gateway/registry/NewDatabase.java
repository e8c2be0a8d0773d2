package org.svos.telemetry.gateway.registry;

import java.util.Locale;
import java.util.regex.Pattern;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.rest.Form;

/** What {@code POST /api/v1/databases} asks for. */
record NewDatabase(String name, String owner, String description, Quota quota) {

    static final String SCHEMA = """
            {"type": "object", "required": ["name", "owner"], "additionalProperties": false, "properties": {
               "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,62}$"},
               "owner": {"type": "string", "minLength": 1, "maxLength": 128},
               "description": {"type": ["string", "null"], "maxLength": 1000},
               "size": {"enum": ["small", "medium", "large", null], "description": "medium unless said; not with quota"},
               "quota":""" + QuotaForm.SCHEMA + "}}";

    static final String EXAMPLE = """
            {"name": "mydb", "owner": "lab team", "description": "drivers of the lab", "size": "medium"}""";

    static final int MAX_OWNER_CHARS = 128;
    static final int MAX_DESCRIPTION_CHARS = 1_000;

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    /** Reads it; faults stay in the form. Parts of a quota that are left out are those of its size. */
    static NewDatabase read(Form form) {
        String name = form.requiredText(
                "name", NAME, "must be 1 to 63 of a-z, 0-9, _ and -, and begin with a letter or digit");
        String owner = form.requiredText("owner", MAX_OWNER_CHARS);
        String description = form.text("description", MAX_DESCRIPTION_CHARS);
        Size size = form.choice("size", Size.class, word -> word.name().toLowerCase(Locale.ROOT));
        Form quotaForm = form.object("quota");
        if (size != null && quotaForm != null) {
            form.fault("size", "must not be given together with quota");
        }
        Quota base = (size == null ? Size.MEDIUM : size).quota();
        Quota quota = quotaForm == null ? base : QuotaForm.read(quotaForm).over(base);
        return new NewDatabase(name, owner, description == null ? "" : description, quota);
    }
}
