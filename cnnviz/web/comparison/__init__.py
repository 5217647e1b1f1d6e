"""Two traces side by side in the browser: linked cursors, shared colours, the difference of an open map."""
