"""The kiosk (取号机): a model of its pages without pygame, and their drawing."""
