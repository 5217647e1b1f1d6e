"""Small experiments that show one idea each, trained in a second or two: numbers in, records out."""
