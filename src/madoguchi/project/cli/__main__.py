"""`python -m madoguchi.project.cli`, which is how processes of ours start each other."""

from madoguchi.project.cli.commands import main

if __name__ == "__main__":
    main(prog_name="madoguchi")
