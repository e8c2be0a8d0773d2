package org.svos.telemetry.lanternrock;

/**
 * The outgoing port: all that the gateway asks of the analytics service.
 *
 * <p>Implementations take calls from many threads at once, and keep the order of one thread's calls.
 */
public interface LanternRock {

    /**
     * Hands one delivery over and waits for the answer.
     *
     * <p>To repeat a delivery under the same {@link Delivery#idempotencyKey()} has the effect of one.
     *
     * @return what became of it; a fault on the way is a {@link Receipt.Retry}, not an exception
     * @throws InterruptedException if the caller is to stop; whether the delivery was taken is not known then
     */
    Receipt deliver(Delivery delivery) throws InterruptedException;
}
