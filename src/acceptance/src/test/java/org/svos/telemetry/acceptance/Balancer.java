package org.svos.telemetry.acceptance;

/** Gateways that share a store, as their users see them: one address, behind which TCP is all that is looked at. */
final class Balancer implements Api {

    private final TcpRoute route;

    /** One before those ports; of those where nobody listens the next is tried. */
    Balancer(int... ports) {
        route = new TcpRoute(ports);
    }

    @Override
    public String url() {
        return "http://127.0.0.1:" + route.port();
    }

    @Override
    public boolean isCertain() {
        return false;
    }

    @Override
    public void close() {
        route.close();
    }
}
