"""Read by schemathesis: how to draw a text of the API's format `printable`."""

import schemathesis
from hypothesis import strategies as st

schemathesis.openapi.format("printable", st.text().filter(str.isprintable))
