"""The clerk's terminal at a window, and the guide's desk (导办台), 1280 by 800."""
