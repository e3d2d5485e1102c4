"""A hall on a desk: twins of all devices, and the page that shows them."""
