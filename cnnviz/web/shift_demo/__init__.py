"""An image that is dragged, and its feature map that follows."""
