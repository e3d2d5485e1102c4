"""That a dead TCP connection is noticed: by TCP itself, and not by ZeroMQ's heartbeats.

libzmq 4.3.5 ends the whole process when its heartbeat meets a connection whose messages wait to be
read: `!_io_error` when the other end has hung up meanwhile (its issue 4841), `_input_stopped` when
the reader stood still for longer than the heartbeat's patience (3937, 4767). Both were provoked;
docs/adr/0019-tcp-keepalive.md. The kernel needs no reader to answer.
"""

from typing import Final

import zmq

PROBE_S: Final = 1
"""Between two questions to an end that does not answer."""


def kept_alive(after_s: int, dead_s: int) -> tuple[tuple[int, int], ...]:
    """Options of a ZeroMQ socket: ask after `after_s` of silence, give up after `dead_s` in all.

    What was sent and not acknowledged for `dead_s` ends a connection too, where nothing is asked
    (TCP_USER_TIMEOUT, tcp(7)).
    """
    return (
        (zmq.TCP_KEEPALIVE, 1),
        (zmq.TCP_KEEPALIVE_IDLE, after_s),
        (zmq.TCP_KEEPALIVE_INTVL, PROBE_S),
        (zmq.TCP_KEEPALIVE_CNT, max(1, (dead_s - after_s) // PROBE_S)),
        (zmq.TCP_MAXRT, dead_s * 1000),
    )
