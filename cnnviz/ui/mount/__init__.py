"""The browser components as Streamlit elements: one module a component."""
