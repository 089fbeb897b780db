import { AfterViewInit, Directive, ElementRef, OnDestroy, inject } from '@angular/core';

/** A dialog that lies before everything as long as it is in the page; when it goes, the focus is where it was before. */
@Directive({ selector: 'dialog[mpModal]', host: { '(close)': 'show()' } })
export class Modal implements AfterViewInit, OnDestroy {
  private readonly dialog = inject<ElementRef<HTMLDialogElement>>(ElementRef).nativeElement;
  private readonly before = document.activeElement;

  ngAfterViewInit(): void {
    this.show();
  }

  ngOnDestroy(): void {
    // A dialog that is taken out of the page gives nothing back by itself.
    if (this.before instanceof HTMLElement && this.before.isConnected) this.before.focus({ preventScroll: true });
  }

  /** Browsers close a dialog at the second Escape whatever it says; who holds it in the page decides when it goes. */
  protected show(): void {
    if (this.dialog.isConnected && !this.dialog.open) this.dialog.showModal();
  }
}
