package org.svos.telemetry.gateway.settings;

/** A start that failed for a setting; the one who started it can mend it. */
public final class SettingFault extends RuntimeException {

    private final String remedy;

    /**
     * A fault in a setting.
     *
     * @param problem what is wrong, and where: names the setting, never a secret's value
     * @param remedy what to do about it
     */
    public SettingFault(String problem, String remedy) {
        super(problem);
        this.remedy = remedy;
    }

    /** The same, with what the platform said. */
    public SettingFault(String problem, String remedy, Throwable cause) {
        super(problem, cause);
        this.remedy = remedy;
    }

    String remedy() {
        return remedy;
    }
}
