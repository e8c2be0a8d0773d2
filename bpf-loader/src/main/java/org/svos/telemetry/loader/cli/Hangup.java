package org.svos.telemetry.loader.cli;

import java.lang.reflect.Proxy;

/**
 * SIGHUP. Java hears of a signal by {@code sun.misc.Signal} alone, of the module jdk.unsupported, which javac warns of wherever it
 * is named, without a way to say that it is meant: hence by reflection, once.
 */
final class Hangup {

    private Hangup() {}

    /** From now on SIGHUP does not end the process, but has this run, on a thread of the JVM's. */
    static void listen(Runnable heard) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object handling = Proxy.newProxyInstance(
                    Hangup.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (!method.getName().equals("handle")) {
                            return method.invoke(heard, arguments); // What every object can do.
                        }
                        heard.run();
                        return null;
                    });
            Object hangup = signal.getConstructor(String.class).newInstance("HUP");
            signal.getMethod("handle", signal, handler).invoke(null, hangup, handling);
        } catch (ReflectiveOperationException e) {
            System.getLogger(Hangup.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "Settings are not read again on SIGHUP, which ends the loader: " + e);
        }
    }
}
