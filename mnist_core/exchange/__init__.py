"""Models and runs in and out: Keras scripts, pictures, bundles, exports, model cards; files from outside."""
