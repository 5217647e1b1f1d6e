"""The kernel editor: weights under the hand. Part of other components (`editor.js`), in files of its own."""
