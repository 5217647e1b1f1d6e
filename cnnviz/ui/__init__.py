"""What Streamlit knows: session and link, every cache, and the browser components."""
